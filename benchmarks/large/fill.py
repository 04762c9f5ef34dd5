"""Done work put into a Label Studio's database, in Label Studio's own environment while its server is down.

Through the server's interface the 200,000 annotated tasks of a large campaign would take an hour, which measures
nothing of the program. The input is JSON lines: first the people as code → account number and their password, then
one line per workbench: its project's number and its work as (number, task key, payload, account number, result).
"""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import label_studio

sys.path.insert(0, str(Path(label_studio.__file__).parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "label_studio.core.settings.label_studio"

import django

django.setup()

from django.contrib.auth.hashers import make_password  # noqa: E402
from django.db import transaction  # noqa: E402
from organizations.models import Organization, OrganizationMember  # noqa: E402
from projects.models import Project  # noqa: E402
from tasks.models import Annotation, Task  # noqa: E402
from users.models import User  # noqa: E402


def main() -> None:
    about = json.loads(sys.stdin.readline())
    long_ago = datetime.fromisoformat(about["when"]).astimezone(UTC)
    organisation = Organization.objects.get()
    password = make_password(about["password"])
    with transaction.atomic():
        people = [
            User(
                id=number, email=f"{code}@example.org", username=code, password=password, last_activity=long_ago,
                active_organization=organisation,
            )
            for code, number in about["people"].items()
        ]  # fmt: skip
        User.objects.bulk_create(people)
        members = [OrganizationMember(user=person, organization=organisation) for person in people]
        OrganizationMember.objects.bulk_create(members)
        for line in sys.stdin:
            fill(json.loads(line))
        Task.objects.update(created_at=long_ago, updated_at=long_ago)
        Annotation.objects.update(created_at=long_ago, updated_at=long_ago)
        Project.objects.update(created_at=long_ago)
        User.objects.update(last_activity=long_ago, date_joined=long_ago)


def fill(workbench: dict) -> None:
    project = workbench["project"]
    tasks, annotations = [], []
    for place, (number, key, payload, account, result) in enumerate(workbench["work"], start=1):
        data = {**payload, "task_key": key}
        tasks.append(
            Task(id=number, project_id=project, data=data, is_labeled=True, total_annotations=1, inner_id=place)
        )
        annotations.append(
            Annotation(
                id=number,
                project_id=project,
                task_id=number,
                completed_by_id=account,
                result=result,
                lead_time=60.0,
            )
        )
    Task.objects.bulk_create(tasks, batch_size=500)
    Annotation.objects.bulk_create(annotations, batch_size=500)


if __name__ == "__main__":
    main()
