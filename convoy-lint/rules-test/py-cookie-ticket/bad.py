from pyramid.authentication import AuthTktAuthenticationPolicy

# bad
policy = AuthTktAuthenticationPolicy(KEY, secure=False)
