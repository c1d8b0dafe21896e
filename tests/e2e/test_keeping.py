"""Typing into a post's form while servers are killed, networks cut and sessions end."""

import json
import os
import re
import signal
import time

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from blog.models import Post, WorkingCopy
from blog.publishing import contents, editing
from tests import make

from .site import PASSWORD, Site, form

pytestmark = [pytest.mark.browser, pytest.mark.kills, pytest.mark.django_db(transaction=True)]

# In one go: Playwright waits before it types into a page that is about to go.
SAVE_AND_TYPE = """(words) => {
    document.querySelector("input[name=_continue]").click();
    const body = document.getElementById("id_body");
    body.value += words;
    body.dispatchEvent(new Event("input", { bubbles: true }));
}"""


@pytest.fixture(scope="module")
def site(chromium, django_db_setup):
    site = Site()
    yield site
    site.kill()


@pytest.fixture(scope="module")
def server(site):
    return site.url


@pytest.fixture
def post(site, transactional_db):
    return make.post("Queues", status="draft", body="One.\n")


@pytest.fixture
def tab(browser, site, transactional_db):
    """A tab of an editor who has logged in; at the end nothing of the page was blocked or has gone wrong."""
    if site.process.poll() is not None:
        site.start()
    name = f"editor{time.monotonic_ns()}"
    user = get_user_model().objects.create_superuser(name, first_name="Zoe", password=PASSWORD)
    client = Client()
    client.force_login(user)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site.url}])
    trouble = []
    context.on("weberror", lambda error: trouble.append(str(error.error)))
    context.on("console", lambda m: trouble.append(m.text) if "Content Security" in m.text else None)
    page = context.new_page()
    page.account = name
    yield page
    context.close()
    assert trouble == []


def login(page, site):
    page.goto(f"{site.url}/admin/login/?next=/admin/password_change/")
    page.fill("#id_username", page.account)
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#user-tools")


def write(page, words):
    """Types at the end of the text."""
    if not page.locator("#id_body").is_visible():  # its page stands in its place
        page.locator(".writer button", has_text="Preview").click()
    page.evaluate("""() => {
        const field = document.getElementById("id_body");
        field.focus();
        field.setSelectionRange(field.value.length, field.value.length);
    }""")
    page.keyboard.type(words)


def kept(post=None, account=None):
    """The text of the working copy, as the database has it."""
    copies = WorkingCopy.objects.filter(post=post, discarded_at=None, form__isnull=False)
    copy = copies.filter(user__username=account).first() if account else copies.first()
    return copy.form["body"][0] if copy else None


def within(seconds, true):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return
        time.sleep(0.05)
    assert true()


def says(page, words, seconds=30):
    page.locator(".keeping-status", has_text=re.compile(words)).wait_for(timeout=seconds * 1000)


def test_what_is_typed_is_in_the_database_within_two_seconds_and_offered_on_return(tab, site, post):
    tab.goto(form(site, post))
    tab.wait_for_load_state("load")
    with tab.expect_request("**/working-copy/") as sent:
        write(tab, "Two <b>three")
        last_key = tab.evaluate("Date.now()")
    assert sent.value.timing["startTime"] - last_key < 1_900
    within(30, lambda: kept(post) == "One.\nTwo <b>three")
    says(tab, r"Saved as a working copy at \d\d:\d\d")
    began = time.monotonic()
    while time.monotonic() - began < 4:  # no pause to speak of: it is sent all the same
        tab.keyboard.type("a")
        tab.wait_for_timeout(50)
    assert len(kept(post)) > 20
    within(30, lambda: kept(post) == tab.input_value("#id_body"))
    post.refresh_from_db()
    assert (post.body, post.revisions.count()) == ("One.\n", 1)

    tab.goto(form(site, post))
    tab.locator("text=You have unsaved changes from").wait_for()
    tab.click("text=What differs from the saved post")
    assert tab.locator(".difference ins").first.inner_text().startswith("Two <b>three")
    tab.click("text=Continue")
    assert tab.input_value("#id_body").startswith("One.\nTwo <b>three")
    write(tab, " Four")
    within(30, lambda: kept(post).endswith(" Four"))
    tab.click("input[name=_continue]")
    tab.wait_for_selector(".messagelist .success")
    assert Post.objects.get(pk=post.pk).body.endswith(" Four")
    assert kept(post) is None
    tab.reload()
    tab.wait_for_load_state("networkidle")
    assert not tab.locator(".keeping-panel:visible").count()


def test_what_is_typed_while_a_save_is_under_way_is_not_forgotten_with_what_it_saves(tab, site, post):
    tab.goto(form(site, post))
    write(tab, "Before. ")
    within(30, lambda: kept(post) == "One.\nBefore. ")
    os.kill(site.process.pid, signal.SIGSTOP)
    try:
        tab.evaluate(SAVE_AND_TYPE, "After. ")
        time.sleep(1.5)
    finally:
        os.kill(site.process.pid, signal.SIGCONT)
    tab.locator("text=You have unsaved changes from").wait_for()
    assert Post.objects.get(pk=post.pk).body.rstrip() == "One.\nBefore."
    tab.click("section[data-offer] a:text-is('Continue')")
    within(10, lambda: tab.input_value("#id_body") == "One.\nBefore. After. ")
    assert tab.evaluate("Object.keys(localStorage).filter((key) => key.includes('kept')).length") == 0


def test_a_killed_server_loses_nothing_that_was_typed(tab, site, post):
    tab.goto(form(site, post))
    write(tab, "Before. ")
    within(30, lambda: kept(post) == "One.\nBefore. ")
    site.kill()
    write(tab, "While it was dead. ")
    says(tab, r"Kept in this browser since \d\d:\d\d; the server does not answer")
    site.start()
    write(tab, "After. ")
    within(30, lambda: kept(post) == "One.\nBefore. While it was dead. After. ")
    says(tab, "Saved as a working copy")


def test_words_that_only_the_browser_had_when_it_was_closed_come_back(tab, site, post):
    tab.goto(form(site, post))
    write(tab, "On the server. ")
    within(30, lambda: kept(post) == "One.\nOn the server. ")
    site.kill()
    write(tab, "In the browser. ")
    tab.wait_for_timeout(400)
    tab.close(run_before_unload=False)
    site.start()
    again = tab.context.new_page()
    again.goto(form(site, post))
    again.locator("text=You have unsaved changes from").wait_for()
    within(30, lambda: kept(post) == "One.\nOn the server. In the browser. ")
    again.click("text=Continue")
    assert again.input_value("#id_body") == "One.\nOn the server. In the browser. "
    assert again.evaluate("Object.keys(localStorage).filter((key) => key.includes('kept')).length") == 0


def test_a_cut_network_keeps_words_in_the_browser_and_sends_them_later(tab, site, post):
    tab.goto(form(site, post))
    tab.wait_for_load_state("load")
    tab.context.set_offline(True)
    write(tab, "Offline.")
    says(tab, r"Kept in this browser since \d\d:\d\d; there is no network")
    assert "Offline." in tab.evaluate("JSON.stringify(localStorage)")
    tab.context.set_offline(False)
    within(30, lambda: kept(post) == "One.\nOffline.")
    says(tab, "Saved as a working copy")


def test_an_ended_session_loses_nothing_and_goes_on_after_logging_in_elsewhere(tab, site, post):
    tab.goto(form(site, post))
    write(tab, "Logged in. ")
    within(30, lambda: kept(post) == "One.\nLogged in. ")
    Session.objects.all().delete()
    write(tab, "Logged out. ")
    says(tab, "You are logged out")
    with tab.context.expect_page() as opened:
        tab.click(".keeping-status a")
    other = opened.value
    other.account = tab.account
    login(other, site)
    other.close()
    within(30, lambda: kept(post) == "One.\nLogged in. Logged out. ")
    says(tab, "Saved as a working copy")
    tab.click("input[name=_continue]")
    tab.wait_for_selector(".messagelist .success")
    assert Post.objects.get(pk=post.pk).body.rstrip() == "One.\nLogged in. Logged out."


def asked_in_a_second_tab(tab, site, post):
    """Another tab of the same editor, which has typed into the same post and is asked whose words are to go on."""
    tab.goto(form(site, post))
    second = tab.context.new_page()
    second.goto(form(site, post))
    write(tab, "First tab.")
    within(30, lambda: kept(post) == "One.\nFirst tab.")
    write(second, "Second tab.")
    second.locator("text=Other words of yours were kept at").wait_for()
    return second


def test_two_tabs_of_an_editor_never_write_over_each_other_unasked(tab, site, post):
    second = asked_in_a_second_tab(tab, site, post)
    assert kept(post) == "One.\nFirst tab."
    second.click("text=Show both side by side")
    second.locator(".differences mark", has_text="First").wait_for()
    second.locator(".differences mark", has_text="Second").wait_for()
    second.click("text=Continue with these here")
    within(30, lambda: kept(post) == "One.\nSecond tab.")
    write(tab, " More.")
    tab.locator("text=Other words of yours were kept at").wait_for()
    tab.click("text=Take the other's")
    tab.wait_for_url("**continue=1")
    assert tab.input_value("#id_body") == "One.\nSecond tab."
    aside = WorkingCopy.objects.filter(post=post).exclude(discarded_at=None).order_by("pk")
    assert [one.form["body"][0] for one in aside] == ["One.\nFirst tab.", "One.\nFirst tab. More."]


def test_the_browser_puts_no_old_words_beside_a_new_version(tab, site, post):
    tab.goto(form(site, post))
    tab.wait_for_load_state("load")
    write(tab, "Mine.")
    within(30, lambda: kept(post) == "One.\nMine.")
    tab.goto(f"{site.url}/admin/password_change/")
    editing.save(post, contents.read(post) | {"body": "Two.\n"}, at=timezone.now(), by=None)
    tab.go_back()
    tab.locator("section[data-offer]").wait_for()
    assert tab.input_value("#id_body") == "Two.\n"
    tab.click("section[data-offer] a.default")
    tab.wait_for_url("**continue=1")
    assert tab.input_value("#id_body") == "One.\nMine."


def test_a_choice_that_never_reached_the_server_leaves_both_texts(tab, site, post):
    second = asked_in_a_second_tab(tab, site, post)
    tab.context.set_offline(True)
    second.click("text=Show both side by side")
    says(second, "Nothing is lost; try again")
    second.click("text=Continue with these here")
    says(second, "there is no network")
    second.close()
    tab.context.set_offline(False)
    tab.goto(form(site, post))
    tab.locator(".keeping-ask [data-do=mine]").wait_for()
    assert kept(post) == "One.\nFirst tab."
    tab.click(".keeping-ask [data-do=mine]")
    tab.wait_for_url("**continue=1")
    assert tab.input_value("#id_body") == "One.\nSecond tab."
    aside = WorkingCopy.objects.filter(post=post).exclude(discarded_at=None).get()
    assert aside.form["body"][0] == "One.\nFirst tab."


def test_a_post_that_was_never_saved_is_kept_with_its_rows_and_continued(tab, site):
    bo = make.author("Bo Lind")
    tab.goto(form(site))
    tab.fill("#id_title", "A new post")
    write(tab, "Its text.")
    tab.evaluate(
        "([id, name]) => { const s = django.jQuery('#id_bylines-0-author');"
        " s.append(new Option(name, id, true, true)).trigger('change'); }",
        [bo.pk, "Bo Lind"],
    )
    within(30, lambda: kept(account=tab.account) == "Its text.")
    within(30, lambda: str(bo.pk) in json.dumps(WorkingCopy.objects.get(user__username=tab.account).form))
    tab.goto(form(site))
    tab.locator("text=“A new post”, a post you began and did not save").wait_for()
    tab.click("text=Continue")
    assert tab.input_value("#id_title") == "A new post"
    assert tab.input_value("#id_bylines-0-author") == str(bo.pk)
    tab.goto(form(site))
    tab.click("text=Discard…")
    tab.click("text=Discard them")
    tab.wait_for_selector(".messagelist .success")
    assert kept(account=tab.account) is None


def test_words_that_arrive_late_call_nobody_back_who_has_gone_on(tab, site, post):
    tab.goto(form(site, post))
    tab.context.set_offline(True)
    write(tab, "Offline.")
    within(30, lambda: "Offline." in tab.evaluate("JSON.stringify(localStorage)"))
    tab.close()
    late = tab.context.new_page()
    tab.context.set_offline(False)
    held = {}
    late.route("**/working-copy/", lambda route: held.update(words=route))
    late.route("**/calendar/", lambda route: held.update(page=route))
    with late.expect_request("**/working-copy/"):
        late.goto(form(site, post))
    with late.expect_request("**/calendar/"):
        late.evaluate(f"setTimeout(() => location.assign('{site.url}/admin/blog/post/calendar/'))")
    held["words"].continue_()
    # Asked of the database: a page that is being left may never answer again.
    within(30, lambda: kept(post) == "One.\nOffline.")
    late.wait_for_timeout(500)  # for the script to hear of it
    held["page"].continue_()
    late.wait_for_selector("table.calendar")


def test_it_says_within_ten_seconds_who_else_has_the_post_open_and_has_saved(tab, browser, site, post):
    get_user_model().objects.create_superuser("max", first_name="Max", password=PASSWORD)
    tab.goto(form(site, post))
    context = browser.new_context()
    max_ = context.new_page()
    max_.account = "max"
    login(max_, site)
    max_.goto(form(site, post))
    max_.locator("text=Zoe has this post open since").wait_for()
    tab.locator("text=Max has this post open since").wait_for(timeout=30_000)
    write(max_, "By Max.")
    max_.click("input[name=_continue]")
    max_.wait_for_selector(".messagelist .success")
    saved = re.compile(r"Max saved version \d+ at \d\d:\d\d; your next save will be merged")
    tab.get_by_text(saved).wait_for(timeout=30_000)
    max_.close()
    tab.locator("text=Max has this post open").wait_for(state="hidden", timeout=30_000)
    context.close()
