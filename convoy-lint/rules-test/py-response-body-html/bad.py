def handler(event, context):
    return {
        "statusCode": 200,
        # bad
        "body": "<h1>" + event["name"] + "</h1>",
    }
