{#
    Shares as counted and corrected: a relation of counts in, the same rows with shares and intervals out.

    Grain: whatever the caller's; a value of a signal in a cell. Columns `counts` must have:
      conversations    the population the share is of
      predicted        those of them the classifier gives the value (an abstention is no value)
      labelled         the labels: a simple random or a proportional sample of these very conversations. What was
                       labelled in all languages says nothing of one of them, where the classifier may err otherwise:
                       count the labels of the cell
      agreed           labels where reviewer and classifier both say the value
      predicted_only   labels where the classifier alone says it
      labelled_only    labels where the reviewer alone says it
    Columns added: share_counted, share_corrected, share_low, share_high (95 %), share_method.

    What may be published. Fewer labels than `labels_needed`: nothing corrected (`unvalidated`). A value that is rarer
    than one in ten of the labels, or missing from fewer than that: the labels alone (`wilson`). Else prediction-powered,
    with Wilson's interval at the sample size that would give labels alone this variance: at 200 labels and shares of .1
    to .9 a symmetric interval covers as little as .92.
#}
{% macro corrected_shares(counts, labels_needed) %}{{ return(adapter.dispatch('corrected_shares', 'assay')(counts, labels_needed)) }}{% endmacro %}

{% macro default__corrected_shares(counts, labels_needed) %}
with

estimated as (

    select
        *,
        case
            when coalesce(labelled, 0) < {{ labels_needed }} or coalesce(conversations, 0) = 0 then 'unvalidated'
            when least(labelled_share, 1 - labelled_share) < 0.1 then 'wilson'
            else 'prediction_powered'
        end as share_method,
        least(1, greatest(0, ppi_share)) as bounded_share,
        -- never nought: an effective sample of none would say nothing of a share of none
        least(1 - 0.5 / labelled, greatest(0.5 / labelled, ppi_share)) as inner_share
    from ({{ default__prediction_powered(counts, 0.5) }})

),

bounded as (

    select
        *,
        case share_method
            when 'wilson' then {{ default__wilson_interval('labelled_share', 'labelled') }}
            when 'prediction_powered'
                then {{ default__wilson_interval('bounded_share', '(inner_share * (1 - inner_share) / ppi_variance)') }}
        end as interval_95
    from estimated

)

select
    * exclude (
        labelled_share, population_share, ppi_weight, ppi_share, ppi_variance,
        share_method, bounded_share, inner_share, interval_95
    ),
    population_share as share_counted,
    case share_method
        when 'wilson' then labelled_share
        when 'prediction_powered' then bounded_share
    end as share_corrected,
    interval_95.low as share_low,
    interval_95.high as share_high,
    share_method
from bounded
{%- endmacro %}

{#-
    Prediction-powered inference (Angelopoulos et al. 2023), tuned (PPI++, Angelopoulos, Duchi and Zrnic 2023).
    Adds ppi_weight, ppi_share and ppi_variance. `added` pairs are put into each of the four cells of label by
    prediction when the variance is taken, not when the share is: with none, a sample in which the classifier
    made no mistake would claim that it never makes one.
-#}
{% macro default__prediction_powered(counts, added) %}
with

shares as (

    select
        *,
        (agreed + labelled_only) / nullif(labelled, 0) as labelled_share,
        (agreed + predicted_only) / nullif(labelled, 0) as predicted_share,
        predicted / nullif(conversations, 0) as population_share,
        (predicted + agreed + predicted_only) / nullif(conversations + labelled, 0) as pooled_share
    from {{ counts }}

),

-- how far predictions are trusted: the covariance of label and prediction, over the variance of predictions
weighted as (

    select
        *,
        coalesce(least(1.0, greatest(0.0,
            (agreed / labelled - labelled_share * predicted_share) / nullif(
                (1 + labelled / conversations) * pooled_share * (1 - pooled_share)
                * (conversations + labelled) / (conversations + labelled - 1),
                0
            )
        )), 0) as ppi_weight
    from shares

),

-- the mean of label less weighted prediction, over the pairs and those added
residuals as (

    select
        *,
        (agreed + labelled_only + 2 * {{ added }} - ppi_weight * (agreed + predicted_only + 2 * {{ added }}))
        / (labelled + 4 * {{ added }}) as residual,
        (
            (agreed + {{ added }}) * (1 - ppi_weight) ** 2
            + (predicted_only + {{ added }}) * ppi_weight ** 2
            + labelled_only + {{ added }}
        ) / (labelled + 4 * {{ added }}) as squared_residual
    from weighted

)

select
    * exclude (predicted_share, pooled_share, residual, squared_residual),
    labelled_share + ppi_weight * (population_share - predicted_share) as ppi_share,
    (squared_residual - residual ** 2) / labelled
    + ppi_weight ** 2 * population_share * (1 - population_share) / conversations as ppi_variance
from residuals
{%- endmacro %}

{#- Wilson's score interval at 95 %; `trials` may be an effective sample size, not whole. -#}
{% macro default__wilson_interval(share, trials) -%}
{
    'low': case when {{ share }} <= 0 then 0 else greatest(0, ({{ share }} + 1.9207294103470967 / {{ trials }} - 1.959963984540054
        * sqrt({{ share }} * (1 - {{ share }}) / {{ trials }} + 0.9603647051735483 / ({{ trials }} * {{ trials }})))
        / (1 + 3.8414588206941934 / {{ trials }})) end,
    'high': least(1, ({{ share }} + 1.9207294103470967 / {{ trials }} + 1.959963984540054
        * sqrt({{ share }} * (1 - {{ share }}) / {{ trials }} + 0.9603647051735483 / ({{ trials }} * {{ trials }})))
        / (1 + 3.8414588206941934 / {{ trials }}))
}
{%- endmacro %}
