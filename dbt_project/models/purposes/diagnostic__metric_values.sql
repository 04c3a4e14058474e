-- Grain: that of metric_values. Written by `make generated` from vars.purposes.
{{ config(schema='diagnostic', alias='metric_values') }}
{{ purpose_metric_values('diagnostic') }}
