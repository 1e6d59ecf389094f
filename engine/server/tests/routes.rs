//! What the API promises stands here once more, so that nothing is added or lost by accident.
//!
//! It is no unit test on purpose: there it would have the whole server compiled a second time.

use std::collections::BTreeSet;

use dialogo_server::openapi;

/// What the API promises. A route that is added belongs here too: clients are written against this list.
const ROUTES: &str = "
    DELETE /agents/{id}
    DELETE /conversations/{id}/classification
    DELETE /sessions/current
    GET /agents
    GET /attachments/{id}
    GET /classifications
    GET /conversations
    GET /conversations/{id}
    GET /conversations/{id}/events
    GET /conversations/{id}/explain
    GET /conversations/{id}/messages
    GET /departments
    GET /me
    GET /plugins
    GET /replies
    GET /reports/classifications
    GET /rules
    GET /rules/diff
    GET /socket
    POST /agents
    POST /conversations
    POST /conversations/{id}/accept
    POST /conversations/{id}/assign
    POST /conversations/{id}/attachments
    POST /conversations/{id}/claim
    POST /conversations/{id}/close
    POST /conversations/{id}/decline
    POST /conversations/{id}/hold
    POST /conversations/{id}/messages
    POST /conversations/{id}/notes
    POST /conversations/{id}/rating
    POST /conversations/{id}/read
    POST /conversations/{id}/resume
    POST /conversations/{id}/suggestions/{set}/shown
    POST /conversations/{id}/transfer
    POST /conversations/{id}/typing
    POST /conversations/{id}/undo-close
    POST /rules/rollback
    POST /sessions
    PUT /agents/{id}/limit
    PUT /agents/{id}/password
    PUT /agents/{id}/presence
    PUT /conversations/{id}/classification
";

#[test]
fn the_document_lists_exactly_the_routes_promised() {
    let document = serde_json::to_value(openapi()).unwrap();
    let mut documented = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        let short = path.strip_prefix("/api/v1").unwrap();
        for method in operations.as_object().unwrap().keys() {
            if ["get", "post", "put", "delete"].contains(&method.as_str()) {
                documented.insert(format!("{} {short}", method.to_uppercase()));
            }
        }
    }
    let promised: BTreeSet<String> =
        ROUTES.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    assert_eq!(documented, promised);
}

#[test]
fn every_operation_says_what_it_answers() {
    let document = serde_json::to_value(openapi()).unwrap();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let Some(responses) = operation.get("responses").and_then(|found| found.as_object())
            else {
                continue;
            };
            assert!(responses.len() >= 2, "{method} {path} documents {responses:?}");
        }
    }
}
