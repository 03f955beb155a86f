@app.route("/file")
def file():
    name = request.args.get("name")
    # bad
    with open(os.path.join("/data", name)) as handle:
        return handle.read()


@app.get("/get/{name}")
async def get(name: str):
    # bad
    return FileResponse(f"/data/{name}")


@app.route("/other")
def other():
    path = BASE / request.args["name"]
    # bad
    with open(path) as handle:
        return handle.read()
