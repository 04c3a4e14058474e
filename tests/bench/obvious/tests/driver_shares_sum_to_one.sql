select cadence, period_start
from {{ ref('rollup_drivers') }}
group by cadence, period_start, channel, queue, segment, language
having abs(sum(share) - 1) > 1e-9
