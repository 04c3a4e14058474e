-- Grain: one row per user who has a record or was ever assigned a ticket.
{{ config(materialized='table') }}

with

users as (

    select * from {{ source('zendesk', 'users') }}

),

tickets as (

    select * from {{ source('zendesk', 'tickets') }}

)

{{ zendesk_users('users', 'tickets') }}
