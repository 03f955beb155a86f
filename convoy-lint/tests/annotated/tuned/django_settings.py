DEBUG = True  # CWE-489
SECRET_KEY = "django-8s7df6as8d7f6a8s7df"  # CWE-798
ALLOWED_HOSTS = ["*"]  # CWE-942,183,16,644
SESSION_COOKIE_SECURE = False  # CWE-614
SESSION_COOKIE_HTTPONLY = False  # CWE-1004
CSRF_COOKIE_SECURE = False  # CWE-614
CORS_ORIGIN_ALLOW_ALL = True  # CWE-942
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "shop",
        "USER": "shop",
        "PASSWORD": "s3cr3t-Pass1",  # CWE-798
    }
}
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",  # CWE-916,327,328
]
