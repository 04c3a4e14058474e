-- Grain: that of withheld. Written by `make generated` from vars.purposes.
{{ config(schema='triage', alias='withheld') }}
{{ purpose_withheld('triage') }}
