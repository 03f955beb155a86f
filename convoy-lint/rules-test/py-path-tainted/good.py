@app.route("/file")
def file():
    name = secure_filename(request.args.get("name"))
    with open(os.path.join("/data", name)) as handle:
        return handle.read()


def read(name):
    return open(name).read()


@app.get("/get/{number}")
async def get(number: int):
    return FileResponse(f"/data/{number}")
