"""Whether this process is alive; asked by supervisors and balancers, often."""

from django.http import HttpRequest, HttpResponse


def healthz(request: HttpRequest) -> HttpResponse:
    """Answers without asking the database: a process that can say so is alive."""
    return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})
