"""The baseline: TF-IDF of words 1-2 and characters 2-5, linear SVM. Reads TRAIN.csv and TEST.csv files with the columns text
and label; prints one JSON object with the accuracy on each. Rows labelled oos are left out of both."""

import csv
import json
import sys
import time

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = [(row["text"], row["label"]) for row in csv.DictReader(file) if row["label"] != "oos"]
    return [text for text, _ in rows], [label for _, label in rows]


def main():
    texts, labels = read(sys.argv[1])
    began = time.time()
    model = make_pipeline(
        make_union(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
        ),
        LinearSVC(),
    )
    model.fit(texts, labels)
    seconds = time.time() - began
    accuracies = []
    for path in sys.argv[2:]:
        texts, labels = read(path)
        accuracies.append(sum(a == b for a, b in zip(model.predict(texts), labels)) / len(labels))
    print(json.dumps({"accuracy": accuracies, "train_seconds": seconds}))


main()
