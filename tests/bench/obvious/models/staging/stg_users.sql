select "user".*
from read_json_auto('{{ env_var("BENCH_EXPORTS") }}/zendesk/users*')
