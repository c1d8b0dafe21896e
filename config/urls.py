"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("blog.urls")),
]

handler400 = "blog.pages.errors.bad_request"
handler403 = "blog.pages.errors.permission_denied"
handler404 = "blog.pages.errors.page_not_found"
handler500 = "blog.pages.errors.server_error"
