/* Embeds lines of standard input with the built-in model and prints the line that is nearest to the first.
 *
 *   cc embed.c $(pkg-config --cflags --libs martlet) -o embed
 *   printf 'cook pasta\nthe stock market fell\na spaghetti recipe\n' | ./embed */
#include <martlet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { dimensions = 384, max_lines = 1000 };

static int failed(martlet_error *error) {
    fprintf(stderr, "%s: %s\n", error->code, error->message);
    martlet_error_free(error);
    return 1;
}

int main(void) {
    static char bytes[1 << 20];
    static int64_t offsets[max_lines + 1];
    size_t count = 0, size = 0;
    while (count < max_lines && fgets(bytes + size, (int)(sizeof bytes - size), stdin)) {
        size += strcspn(bytes + size, "\n");
        offsets[++count] = (int64_t)size;
    }
    if (count < 2) return fprintf(stderr, "expected two lines or more\n"), 2;

    martlet_error *error;
    martlet_handle model;
    if (martlet_open(NULL, NULL, NULL, &model, &error)) return failed(error);

    const martlet_texts texts = {(const uint8_t *)bytes, size, offsets, count};
    float *vectors = malloc(count * dimensions * sizeof(float)), *scores = malloc(count * sizeof(float));
    if (!vectors || !scores) return 1;
    if (martlet_embed(model, &texts, NULL, NULL, vectors, count * dimensions, NULL, &error)) return failed(error);
    if (martlet_similarity(vectors, 1, vectors, count, dimensions, "cosine", scores, count, &error)) return failed(error);

    size_t best = 1;
    for (size_t i = 2; i < count; i++)
        if (scores[i] > scores[best]) best = i;
    printf("%.4f %.*s\n", scores[best], (int)(offsets[best + 1] - offsets[best]), bytes + offsets[best]);
    free(vectors), free(scores);
    return martlet_close(model, &error) ? failed(error) : 0;
}
