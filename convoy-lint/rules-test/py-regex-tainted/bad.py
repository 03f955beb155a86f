import re


def find(request):
    # bad
    return re.search(request.GET["pattern"], "text")
