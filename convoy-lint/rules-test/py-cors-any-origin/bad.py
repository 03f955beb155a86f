from fastapi.middleware.cors import CORSMiddleware
from flask_cors import CORS

# bad
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)
# bad
app.add_middleware(
    CORSMiddleware,
    allow_origins=["*"],
    allow_credentials=True,
    allow_methods=["*"],
)
# bad
app.add_middleware(CORSMiddleware, allow_origin_regex=".*", allow_credentials=True)
# bad
CORS(app, origins="*", supports_credentials=True)
