-- Grain: that of withheld. Written by `make generated` from vars.purposes.
{{ config(schema='board', alias='withheld') }}
{{ purpose_withheld('board') }}
