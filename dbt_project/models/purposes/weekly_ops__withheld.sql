-- Grain: that of withheld. Written by `make generated` from vars.purposes.
{{ config(schema='weekly_ops', alias='withheld') }}
{{ purpose_withheld('weekly_ops') }}
