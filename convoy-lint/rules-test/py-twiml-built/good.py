def f(client, message):
    client.calls.create(to=number, twiml="<Response><Hangup/></Response>")
    client.calls.create(to=number, twiml=str(response))
