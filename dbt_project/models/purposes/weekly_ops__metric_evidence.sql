-- Grain: that of metric_evidence. Written by `make generated` from vars.purposes.
{{ config(schema='weekly_ops', alias='metric_evidence') }}
{{ purpose_metric_evidence('weekly_ops') }}
