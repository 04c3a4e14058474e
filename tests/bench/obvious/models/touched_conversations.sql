select conversation_id from {{ ref('conversations') }}
