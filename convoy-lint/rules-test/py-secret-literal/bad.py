# bad
key = "AKIAIOSFODNN7EXAMPLF"
# bad
connect(token="ghp_0123456789abcdefghijABCDEFGHIJ012345")
settings = {
    # bad
    "slack": "xoxb-123456789012-abcdefghijklmnop",
}
