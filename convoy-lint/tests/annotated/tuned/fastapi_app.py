import httpx
from fastapi import FastAPI, Query, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from sqlalchemy import create_engine, text

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)  # CWE-942
engine = create_engine("postgresql://app:S3cretPw@db/app")  # CWE-798


@app.get("/page")
async def page(name: str):
    return HTMLResponse(f"<h1>{name}</h1>")  # CWE-79


@app.get("/proxy")
async def proxy(url: str = Query(...)):
    async with httpx.AsyncClient() as client:
        answer = await client.get(url)  # CWE-918
    return answer.text


@app.get("/go")
def go(target: str):
    return RedirectResponse(target)  # CWE-601


@app.get("/file")
def file(name: str):
    return FileResponse("/srv/files/" + name)  # CWE-22


@app.get("/users")
def users(name: str):
    with engine.connect() as connection:
        return connection.execute(text(f"SELECT * FROM users WHERE name = '{name}'")).all()  # CWE-89


@app.get("/users-good")
def users_good(name: str):
    with engine.connect() as connection:
        return connection.execute(text("SELECT * FROM users WHERE name = :name"), {"name": name}).all()


@app.get("/cookie")
def cookie(response: Response):
    response.set_cookie("session", "1", httponly=True, secure=True, samesite="strict")
    return {}
