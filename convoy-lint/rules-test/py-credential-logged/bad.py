def login(user, password):
    # bad
    logger.info("login of %s with %s", user, password)
