-- Grain: one row per listing received in pages: the records it says it has, and those received.
-- A listing is the pages of one address in one folder. A page that is received again counts once. Compared
-- are records, not ids. Numbered pages repeat the count of the whole listing, and the furthest one's is taken;
-- incremental pages count themselves. Cursor pages state no count: only whether more follows is known of
-- them, not whether one between is missing. A page listed beside another (a sideload) is not compared.
with

exports as (

    select * from {{ source('loads', 'exports') }}

),

pages as (

    select
        exports.source,
        exports.table_name,
        regexp_replace(exports.file, '/[^/]*$', '') as folder,
        -- a page that stands alone is a listing of its own
        case when pages.listing is null then exports.file || ' ' || pages.page end as alone,
        pages.* exclude (export_seq, page),
        row_number() over latest_first as copy
    from {{ source('loads', 'pages') }} as pages
    inner join exports
        on pages.export_seq = exports.export_seq
    window latest_first as (
        partition by
            exports.source,
            exports.table_name,
            folder,
            alone,
            pages.listing,
            -- pages without a number are told apart by where they stand
            coalesce(pages.page_no::varchar, exports.export_seq || ' ' || pages.page)
        order by exports.export_seq desc, pages.page desc
    )

),

listings as (

    select
        source,
        table_name,
        folder,
        alone,
        listing,
        count(*) filter (where copy = 1) as pages,
        max(page_no) as last_page_no,
        sum(records) filter (where copy = 1)::bigint as received,
        case
            when bool_or(is_stated_of_page) then sum(stated)
            else arg_max(stated, coalesce(page_no, 1)) filter (where copy = 1)
        end::bigint as stated,
        case
            when max(page_no) is null then bool_or(is_last)
            else arg_max(is_last, page_no) filter (where copy = 1)
        end as is_ended,
        -- downloads of several days in one folder: a page missing from one may be there from another
        max(copy) > 1 and count(distinct stated) > 1 as is_mixed
    from pages
    group by all

)

select
    source,
    table_name,
    {{ mask_personal_data('folder') }} as folder,
    {{ mask_personal_data("coalesce(nullif(listing, ''), alone, '')") }} as listing,
    pages,
    last_page_no - pages as missing_pages,
    stated,
    received,
    is_ended,
    case
        when received < stated then received / stated
        when last_page_no > pages or is_mixed then null
        when stated = 0 then 1
        else received / stated
    end::double as received_share
from listings
