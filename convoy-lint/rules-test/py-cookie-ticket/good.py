from pyramid.authentication import AuthTktAuthenticationPolicy

policy = AuthTktAuthenticationPolicy(KEY, secure=True, http_only=True, samesite="Lax")
