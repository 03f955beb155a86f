from django.views.decorators.csrf import csrf_exempt, csrf_protect


@csrf_exempt
def hook(request):
    check_signature(request.headers["X-Signature"], request.body)


@csrf_protect
def rename(request):
    request.user.save()
