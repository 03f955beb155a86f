app.run(debug=False)
app.run(debug=settings.debug)
subprocess.run(["x"], debug=True)
