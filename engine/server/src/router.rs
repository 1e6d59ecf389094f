//! The whole router: the routes, the document that describes them, and the layers every request passes.

use std::any::Any;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};
use tracing::Instrument as _;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::problem::{PROBLEM_CODE, Problem};
use crate::state::App;
use crate::{console, origins, pages, routes};

/// Largest body of JSON: a message of 16 KiB with every character escaped.
pub(crate) const MAX_JSON_BYTES: usize = 128 * 1024;
/// Longest time for a request that is no upload: a login that waits for others, a command on a slow disk.
const REQUEST_WITHIN: Duration = Duration::from_secs(30);
/// Longest time for an upload: the largest file over a slow mobile line.
const UPLOAD_WITHIN: Duration = Duration::from_secs(600);

/// Header that names a request in the log.
static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The base of the document.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Dialogo", description = "The API of a Dialogo desk. Errors are problem details (RFC 9457); unsafe calls take an `Idempotency-Key`."),
    modifiers(&Security),
)]
struct Base;

struct Security;

impl utoipa::Modify for Security {
    fn modify(&self, document: &mut OpenApi) {
        use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "A session of `POST /sessions`, or the consumer's token of `POST /conversations`",
            ))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// The routes of the API with their document.
fn api() -> (Router<App>, OpenApi) {
    let small = routes::small().layer(DefaultBodyLimit::max(MAX_JSON_BYTES)).layer(
        middleware::from_fn(|request: Request, next: Next| within(REQUEST_WITHIN, request, next)),
    );
    // The bound of an upload follows the rules and is kept where it is written down.
    let uploads = routes::uploads().layer(DefaultBodyLimit::disable()).layer(middleware::from_fn(
        |request: Request, next: Next| within(UPLOAD_WITHIN, request, next),
    ));
    OpenApiRouter::with_openapi(Base::openapi())
        .nest("/api/v1", small.merge(uploads))
        .split_for_parts()
}

/// The document that describes the API.
pub fn openapi() -> OpenApi {
    api().1
}

/// Everything the server serves.
pub fn router(app: App) -> Router {
    let (api, document) = api();
    let document = document.to_json().unwrap_or_else(|_| "{}".to_owned());
    let document = axum::body::Bytes::from(document);
    let api = api.route(
        "/api/v1/openapi.json",
        get(move || async move { ([(header::CONTENT_TYPE, "application/json")], document) }),
    );
    let panics = app.clone();
    api.route("/", get(console::first))
        .route("/assets/{name}", get(console::asset))
        .route("/icon.svg", get(console::icon))
        .route("/widget.js", get(console::widget))
        .route("/landing.css", get(pages::style))
        .route("/landing.js", get(pages::script))
        .route("/healthz", get(pages::alive))
        .route("/readyz", get(pages::ready))
        .route("/metrics", get(pages::metrics))
        .fallback(unknown_route)
        .method_not_allowed_fallback(wrong_method)
        // After the fallbacks: a preflight asks with a method that no route takes.
        .layer(middleware::from_fn_with_state(app.clone(), origins::layer))
        .layer(CatchPanicLayer::custom(move |cause: Box<dyn Any + Send>| {
            caught(&panics, cause.as_ref())
        }))
        // Answers below a KiB are not worth compressing.
        .layer(
            CompressionLayer::new().compress_when(
                SizeAbove::new(1_024)
                    .and(NotForContentType::new("application/octet-stream"))
                    .and(NotForContentType::IMAGES),
            ),
        )
        .layer(middleware::from_fn(secure))
        .layer(middleware::from_fn_with_state(app.clone(), observe))
        .with_state(app)
}

async fn unknown_route(request: Request) -> Problem {
    unknown(request.uri().path())
}

/// Nothing is there.
pub(crate) fn unknown(path: &str) -> Problem {
    let path: String = path.chars().take(200).collect();
    Problem::new(
        StatusCode::NOT_FOUND,
        "route-unknown",
        "there is no such address",
        format!("nothing is at `{path}`"),
    )
}

async fn wrong_method(request: Request) -> Problem {
    let detail = format!("`{}` is not taken here: see the `Allow` header", request.method());
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "not this method", detail)
}

async fn within(limit: Duration, request: Request, next: Next) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let detail = format!("the request took longer than {} s", limit.as_secs());
            let mut problem = Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "timeout",
                "it took too long",
                detail,
            );
            problem.retry_after = Some(1);
            problem.into_response()
        }
    }
}

/// The last resort: a defect of ours must not take others along.
fn caught(app: &App, cause: &(dyn Any + Send)) -> Response {
    app.metrics.panic();
    let said = cause
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| cause.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = said.unwrap_or("without a word"), "a request panicked");
    Problem::fault().into_response()
}

/// Headers every answer carries; what a route has set itself stays.
async fn secure(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Names the request, logs it and counts it.
async fn observe(State(app): State<App>, mut request: Request<Body>, next: Next) -> Response {
    let started = Instant::now();
    let given = request.headers().get(&REQUEST_ID).and_then(|value| value.to_str().ok());
    let given = given.filter(|id| {
        id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    });
    let id = given.map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned);
    // By its pattern, not its path: ids would make a figure of its own for every conversation.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unmatched", MatchedPath::as_str)
        .to_owned();
    let method = match request.method().as_str() {
        known @ ("GET" | "POST" | "PUT" | "DELETE" | "HEAD" | "OPTIONS") => known.to_owned(),
        _ => "other".to_owned(),
    };
    if let Ok(value) = HeaderValue::from_str(&id) {
        request.headers_mut().insert(REQUEST_ID.clone(), value);
    }
    let span = tracing::info_span!("request", %id, %method, %route);
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    let seconds = started.elapsed().as_secs_f64();
    app.metrics.request(&method, &route, status.as_u16(), seconds);
    let code = response
        .headers_mut()
        .get(&PROBLEM_CODE)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    if let Some(code) = &code {
        app.metrics.problem(code);
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID.clone(), value);
    }
    span.in_scope(|| {
        tracing::debug!(
            status = status.as_u16(),
            seconds,
            problem = code.as_deref().unwrap_or(""),
            "answered"
        );
    });
    response
}
