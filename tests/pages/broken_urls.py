"""A site with one page, which fails."""

from django.urls import path


def broken(request):
    raise RuntimeError("on purpose")


urlpatterns = [path("broken/", broken)]
handler500 = "blog.pages.errors.server_error"
