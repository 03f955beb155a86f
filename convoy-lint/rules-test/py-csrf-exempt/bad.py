from django.views.decorators.csrf import csrf_exempt


# bad
@csrf_exempt
def rename(request):
    request.user.name = request.POST["name"]
    request.user.save()
