class Page(RequestHandler):
    def get(self):
        name = self.get_argument("name")
        # bad
        self.write("<h1>" + name + "</h1>")


async def echo(request):
    # bad
    return web.Response(text="<b>" + request.query["name"] + "</b>", content_type="text/html")


def home(request):
    page = "<p>%s</p>" % request.params["name"]
    # bad
    return Response(page)


def wrapped(text):
    return "<li>" + text + "</li>"


def item(request):
    # bad
    return HttpResponse(wrapped(request.GET["name"]))
