-- Grain: that of metric_values. Written by `make generated` from vars.purposes.
{{ config(schema='weekly_ops', alias='metric_values') }}
{{ purpose_metric_values('weekly_ops') }}
