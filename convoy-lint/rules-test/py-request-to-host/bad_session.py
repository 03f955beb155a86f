import requests


class Client:
    def __init__(self):
        self.session = requests.Session()

    def fetch(self, request):
        # bad
        return self.session.get("http://" + request.GET["host"] + "/a")


@app.route("/by-session")
def by_session():
    with requests.Session() as own:
        # bad
        own.post(request.args["url"], timeout=5)
    # bad
    return requests.Session().get(request.args["url"]).text
