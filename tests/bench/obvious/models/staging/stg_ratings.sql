select "satisfaction_rating".*
from read_json_auto('{{ env_var("BENCH_EXPORTS") }}/zendesk/satisfaction_ratings*')
