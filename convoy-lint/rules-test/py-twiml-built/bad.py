def f(client, message):
    # bad
    client.calls.create(to=number, twiml=f"<Response><Say>{message}</Say></Response>")
    text = "<Response><Say>" + message + "</Say></Response>"
    # bad
    client.calls.create(to=number, twiml=text)
