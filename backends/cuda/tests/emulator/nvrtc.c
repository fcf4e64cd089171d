/* A stand-in for NVRTC, for tests of what calls it: its machine code is the source, which the stand-in for the driver compiles. A program
 * for an architecture below sm_70 does not compile. */
#include <stdlib.h>
#include <string.h>

enum { OK = 0, INVALID_OPTION = 5, COMPILATION = 6 };

struct program { char *source; };

int nvrtcVersion(int *major, int *minor)
{
    const char *text = getenv("EMULATED_NVRTC");
    *major = text ? atoi(text) : 12;
    *minor = 4;
    return OK;
}

int nvrtcCreateProgram(struct program **out, const char *source, const char *name, int headers, const char **texts, const char **names)
{
    (void)name, (void)headers, (void)texts, (void)names;
    *out = malloc(sizeof **out);
    (*out)->source = strdup(source);
    return OK;
}

int nvrtcCompileProgram(struct program *program, int count, const char **options)
{
    (void)program;
    for (int i = 0; i < count; i++) {
        if (strncmp(options[i], "--gpu-architecture=sm_", 22) == 0 && atoi(options[i] + 22) < 70) return INVALID_OPTION;
    }
    return getenv("EMULATED_REFUSAL") ? COMPILATION : OK;
}

int nvrtcGetProgramLogSize(struct program *program, size_t *size)
{
    (void)program;
    *size = strlen("the emulator refuses") + 1;
    return OK;
}

int nvrtcGetProgramLog(struct program *program, char *out)
{
    (void)program;
    strcpy(out, "the emulator refuses");
    return OK;
}

int nvrtcGetCUBINSize(struct program *program, size_t *size)
{
    *size = strlen(program->source) + 1;
    return OK;
}

int nvrtcGetCUBIN(struct program *program, char *out)
{
    strcpy(out, program->source);
    return OK;
}

int nvrtcDestroyProgram(struct program **program)
{
    free((*program)->source);
    free(*program);
    *program = NULL;
    return OK;
}
