"""Fields of the Zendesk API that this desk does not support, by request. They are refused, not dropped."""

from typing import Any, Final

from supporttui.server.api.body_reader import OtherFields, other_fields

_SET_BY_DESK: Final = (
    *(
        "id",
        "url",
        "created_at",
        "updated_at",
        "generated_timestamp",
        "via",
        "is_public",
        "has_incidents",
        "encoded_id",
    ),
    *("followup_ids", "allow_channelback", "allow_attachments", "from_messaging_channel", "metric_set", "slas"),
    *("metric_events", "result_type", "comment_count", "dates", "can_be_solved_by_me", "followup_source_id"),
)
_NOT_KEPT: Final = (
    *("fields", "due_at", "collaborators", "collaborator_ids", "additional_collaborators"),
    *("followers", "follower_ids", "organization_id", "brand_id"),
    *("recipient", "ticket_form_id", "custom_status_id", "macro_id", "macro_ids", "attribute_value_ids"),
    *("voice_comment", "satisfaction_rating", "sharing_agreement_ids"),
)
_AGENTS_OWN: Final = ("custom_fields", "email_ccs", "email_cc_ids", "problem_id")
"""What requesters do not set on this desk."""

_COMMENT: Final = other_fields(
    refused=("id", "type", "attachments", "audit_id", "via", "created_at", "plain_body", "metadata", "channel_back"),
)
_PERSON_NOT_KEPT: Final = (
    *("suspended", "phone", "shared_phone_number", "notes", "details", "tags"),
    *("organization_ids", "user_fields", "alias", "signature", "custom_role_id", "default_group_id", "moderator"),
    *("only_private_comments", "ticket_restriction", "restricted_agent", "photo", "remote_photo_url", "identities"),
    *("password", "two_factor_auth_enabled", "shared", "shared_agent", "chat_only", "report_csv", "role_type"),
    *("permanently_deleted", "locale_id"),
)
_ALWAYS_SO: Final[dict[str, Any]] = {
    "active": True,
    "verified": True,
    "skip_verify_email": True,
    "time_zone": "UTC",
    "iana_time_zone": "Etc/UTC",
    "locale": "en-US",
}
"""Properties with a fixed value for everybody on this desk; another value is refused."""

_PERSON_SET_BY_DESK: Final = ("id", "url", "created_at", "updated_at", "last_login_at", "result_type")
_REQUESTER: Final = other_fields(refused=(*_PERSON_NOT_KEPT, "organization", "organization_id"), fixed=_ALWAYS_SO)
_ORGANIZATION_NOT_KEPT: Final = (
    *("domain_names", "details", "notes", "group_id", "shared_tickets", "shared_comments", "external_id", "tags"),
    *("organization_fields", "deleted_at"),
)
_ORGANIZATION: Final = other_fields(
    passed_over=("id", "url", "created_at", "updated_at"), refused=_ORGANIZATION_NOT_KEPT
)

NEW_TICKET: Final = OtherFields(
    nested={
        "ticket": other_fields(
            refused=(*_SET_BY_DESK, *_NOT_KEPT, "email_cc_ids", "solved", "safe_update", "updated_stamp"),
            comment=_COMMENT,
            requester=_REQUESTER,
        )
    }
)
_BESIDE_A_TICKET: Final = frozenset({"audit", "users", "groups", "organizations", "metric_sets"})
"""What a response contains beside the ticket."""

CHANGED_TICKET: Final = OtherFields(
    passed_over=_BESIDE_A_TICKET,
    nested={
        "ticket": other_fields(
            passed_over=(*_SET_BY_DESK, "description", "submitter_id"),
            refused=(*_NOT_KEPT, "solved", "via_followup_source_id"),
            comment=_COMMENT,
            requester=_REQUESTER,
        )
    },
)
NEW_REQUEST: Final = OtherFields(
    nested={
        "request": other_fields(
            refused=(*_SET_BY_DESK, *_NOT_KEPT, *_AGENTS_OWN, "solved", "safe_update", "updated_stamp"),
            comment=_COMMENT,
            requester=_REQUESTER,
        )
    }
)
CHANGED_REQUEST: Final = OtherFields(
    nested={
        "request": other_fields(
            passed_over=(*_SET_BY_DESK, "description", "submitter_id"),
            refused=(
                *_NOT_KEPT,
                *_AGENTS_OWN,
                *("assignee_email", "requester", "additional_tags", "remove_tags", "via_followup_source_id"),
            ),
            comment=_COMMENT,
        )
    }
)
NEW_PERSON: Final = OtherFields(
    nested={
        "user": other_fields(
            refused=(*_PERSON_SET_BY_DESK, *_PERSON_NOT_KEPT), fixed=_ALWAYS_SO, organization=_ORGANIZATION
        )
    }
)
CHANGED_PERSON: Final = OtherFields(
    nested={
        "user": other_fields(
            passed_over=_PERSON_SET_BY_DESK, refused=_PERSON_NOT_KEPT, fixed=_ALWAYS_SO, organization=_ORGANIZATION
        )
    }
)
NEW_ORGANIZATION: Final = OtherFields(
    nested={"organization": other_fields(refused=("id", "url", "created_at", "updated_at", *_ORGANIZATION_NOT_KEPT))}
)
MERGE: Final = OtherFields()
"""All fields of a merge are taken."""

NEW_MACRO: Final = OtherFields(
    nested={
        "macro": other_fields(
            refused=("id", "url", "created_at", "updated_at", "position", "restriction", "default", "raw_title"),
        )
    }
)
NEW_FIELD: Final = OtherFields(
    nested={
        "ticket_field": other_fields(
            refused=(
                *("id", "url", "created_at", "updated_at", "position", "raw_title", "raw_description", "tag"),
                *("required", "required_in_portal", "visible_in_portal", "editable_in_portal", "title_in_portal"),
                *("collapsed_for_agents", "agent_description", "regexp_for_validation", "sub_type_id"),
                *("system_field_options", "custom_statuses", "relationship_target_type", "relationship_filter"),
            ),
            fixed={"removable": True},
        )
    }
)
