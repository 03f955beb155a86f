def go(request):
    url = request.POST.get("next")
    if url and url_has_allowed_host_and_scheme(url, allowed_hosts=None):
        log.debug("goes to %s", url)
    else:
        log.debug("goes elsewhere")
    # bad
    return HttpResponseRedirect(url)
