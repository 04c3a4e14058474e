select "audit".*
from read_json_auto('{{ env_var("BENCH_EXPORTS") }}/zendesk/ticket_audits*')
