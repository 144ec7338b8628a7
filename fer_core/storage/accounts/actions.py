"""Which action each command to the store is, for whoever gives it through a page.

A command without a row is refused to everybody but admins, and fails a test.
"""

from __future__ import annotations

from typing import Any, Final

from fer_core.access.permissions import Action
from fer_core.storage.commands import Command, command_name

#: By a command's name on the wire.
COMMANDS: Final[dict[str, Action]] = {
    "add_study": Action.EDIT,
    "update_study": Action.EDIT,
    "state_purpose": Action.EDIT,
    "delete_study": Action.DELETE,
    "forget_study": Action.DELETE,
    "add_stimulus": Action.EDIT,
    "update_stimulus": Action.EDIT,
    "delete_stimulus": Action.DELETE,
    "add_markers": Action.EDIT,
    "update_marker": Action.EDIT,
    "delete_markers": Action.EDIT,
    "rename_session": Action.EDIT,
    "assign_session": Action.EDIT,
    "include_session": Action.EDIT,
    "delete_session": Action.DELETE,
    "forget_faces": Action.DELETE,
    "forget_sessions": Action.DELETE,
    "forget_viewer": Action.DELETE,
    "forget_responses": Action.DELETE,
    "remove_file": Action.DELETE,
    "remove_faces": Action.DELETE,
    "add_receipt": Action.MANAGE,
    "mend_tables": Action.MANAGE,
    "archive_timeline": Action.MANAGE,
    "unarchive_timeline": Action.MANAGE,
    "edit_viewer": Action.EDIT,
    "undo_edit": Action.EDIT,
    "add_job": Action.EDIT,
    "assign_job": Action.EDIT,
    "cancel_job": Action.EDIT,
    "add_jobs": Action.EDIT,
    "cancel_jobs": Action.EDIT,
    "requeue_job": Action.EDIT,
    "delete_job": Action.EDIT,
    # of the program's own work: jobs and the supervisor, which ask nobody
    "claim_job": Action.MANAGE,
    "update_job": Action.MANAGE,
    "add_training_run": Action.MANAGE,
    "update_training_run": Action.MANAGE,
    "note_training_run": Action.EDIT,
    "add_epochs": Action.MANAGE,
    "add_model": Action.MANAGE,
    "add_evaluation": Action.MANAGE,
    "delete_evaluation": Action.DELETE,
    "add_label": Action.EDIT,
    "undo_label": Action.EDIT,
    "add_link": Action.EDIT,
    "update_link": Action.EDIT,
    "revoke_link": Action.EDIT,
    "add_share": Action.EXPORT,
    "revoke_share": Action.EXPORT,
    "remove_ended_shares": Action.MANAGE,  # the program's own work
    # of a respondent's visit, which has its own key and asks as the program
    "begin_response": Action.MANAGE,
    "take_place": Action.MANAGE,
    "mark_response": Action.MANAGE,
    "answer_step": Action.MANAGE,
    "go_back": Action.MANAGE,
    "show_film": Action.MANAGE,
    "keep_ratings": Action.MANAGE,
    "withdraw_response": Action.MANAGE,
    "save_course": Action.EDIT,
    "delete_course": Action.EDIT,
    "save_items": Action.EDIT,
    "remove_items": Action.EDIT,
    "forget_items": Action.DELETE,
    "show_items": Action.READ,
    "give_feedback": Action.READ,
    "take_back_feedback": Action.READ,
    "delete_feedback": Action.READ,  # whoever may answer may delete the answers
    "set_setting": Action.MANAGE,
    "add_user": Action.MANAGE,
    "change_user": Action.MANAGE,
    "remove_user": Action.MANAGE,
    "begin_login": Action.MANAGE,
    "end_login": Action.MANAGE,
    "end_logins": Action.MANAGE,
    "note_failure": Action.MANAGE,
    "limit_study": Action.MANAGE,
}

#: Commands that the audit log names though everyday work gives them.
WRITTEN_DOWN: Final = frozenset({"state_purpose", "add_share", "revoke_share"})


def action_of(command: Command[Any]) -> Action:
    """What a person must be allowed to do to give this command."""
    return COMMANDS.get(command_name(type(command)), Action.MANAGE)
