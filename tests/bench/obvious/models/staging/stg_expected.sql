select * from read_csv_auto('{{ env_var("BENCH_EXPORTS") }}/zendesk/**/expected.csv')
