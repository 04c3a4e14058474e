with pages as (
    select unnest(groups) as page from read_json_auto('{{ env_var("BENCH_EXPORTS") }}/zendesk/groups*')
)

select page.* from pages
