select conversation_id, message_no, author_role, sent_at, {{ mask_personal_data('body') }} as body
from {{ mask_names_and_addresses(ref('messages'), 'body') }}
