from fastapi.middleware.cors import CORSMiddleware
from flask_cors import CORS

app.add_middleware(CORSMiddleware, allow_origins=["https://a.example"], allow_credentials=True)
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=False)
app.add_middleware(CORSMiddleware, allow_origins=["*"])
app.add_middleware(CORSMiddleware, allow_origin_regex="https://.*[.]a[.]example", allow_credentials=True)
CORS(app, origins=ORIGINS, supports_credentials=True)
CORS(app)
