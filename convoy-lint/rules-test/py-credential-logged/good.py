def login(user, password):
    logger.info("login of %s", user)
    logger.info("password is wrong")
