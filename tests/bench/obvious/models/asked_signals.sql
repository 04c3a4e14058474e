-- no answers were bought
select *, null::varchar as signal from {{ ref('churn_risk') }} where false
