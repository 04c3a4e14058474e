-- Grain: that of withheld. Written by `make generated` from vars.purposes.
{{ config(schema='diagnostic', alias='withheld') }}
{{ purpose_withheld('diagnostic') }}
