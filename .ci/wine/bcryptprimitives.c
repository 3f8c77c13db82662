/* Go programs ask Windows for random bytes through ProcessPrng, which Wine 8 does
 * not have yet. Here it hands on what Wine's RtlGenRandom, under its real name,
 * gives. For tests alone: nothing of this is shipped. */
#include <windows.h>

BOOLEAN WINAPI SystemFunction036(PVOID buffer, ULONG length);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length)
{
	while (length > 0) {
		ULONG part = length > 0x10000 ? 0x10000 : (ULONG)length;
		if (!SystemFunction036(data, part))
			return FALSE;
		data += part;
		length -= part;
	}
	return TRUE;
}
